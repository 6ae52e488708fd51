"""`make verify`: whether what is stored is what was taken in and signed (`protocol.md` section 8).

Pure checks over what a reader hands in; nothing here writes, and no request asks for it.
"""
