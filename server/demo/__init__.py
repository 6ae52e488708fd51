"""The demo project of `domain.md` section 9: invented, marked 演示, and made anew for any date.

``generate`` is pure: the same moment and seed make the same bytes. ``load_demo`` pushes what it made through
the real engine, as the people who would have made it.
"""
