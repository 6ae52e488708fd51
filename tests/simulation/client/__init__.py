"""The real TypeScript client against the real server, with a faulty wire between."""
