"""An endpoint that does nothing: what Flask and gunicorn cost by themselves."""

from flask import Flask, request

app = Flask("raw")


@app.post("/")
def nothing() -> dict[str, int]:
    """Read the body and say how long it was."""
    return {"length": len(request.get_data())}
