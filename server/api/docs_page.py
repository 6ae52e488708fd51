"""The API as a page: made from the OpenAPI document, with nothing but HTML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, current_app
from markupsafe import Markup, escape

blueprint = Blueprint("docs", __name__)
METHODS = ("get", "post", "patch", "put", "delete", "head", "options")
SPEC = "rounds-openapi"


@blueprint.get("/api/v1/docs")
def page() -> Response:
    """Every endpoint with its parameters, bodies and answers."""
    document = current_app.extensions[SPEC].to_dict()
    body = Markup("").join(_operations(document))
    schemas = Markup("").join(
        Markup("<li id='{0}'><code>{0}</code>: {1}</li>").format(
            name, ", ".join(schema.get("properties", {}))
        )
        for name, schema in sorted(document.get("components", {}).get("schemas", {}).items())
    )
    html = Markup(
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Rounds API</title></head><body>"
        "<h1>Rounds 巡岗 · API</h1><p><a href='openapi.json'>openapi.json</a></p>{}"
        "<h2>Messages</h2><ul>{}</ul></body></html>"
    ).format(body, schemas)
    return Response(str(html), mimetype="text/html")


def _operations(document: dict[str, Any]) -> Iterator[Markup]:
    for path, item in sorted(document["paths"].items()):
        for method in METHODS:
            if method in item:
                yield _operation(path, method, item[method], item.get("parameters", []))


def _operation(path: str, method: str, operation: dict[str, Any], shared: list[dict[str, Any]]) -> Markup:
    parameters = [*shared, *operation.get("parameters", [])]
    words = ". ".join(filter(None, (operation.get("summary", ""), operation.get("description", ""))))
    lines = [
        Markup("<li><code>{}</code> ({}) {}</li>").format(one["name"], one["in"], one.get("description", ""))
        for one in parameters
    ]
    answers = ", ".join(
        f"{status} {_named(answer)}".strip() for status, answer in operation["responses"].items()
    )
    body = _named(operation.get("requestBody", {}))
    return Markup("<h2><code>{} {}</code></h2><p>{}</p><ul>{}</ul>{}<p>→ {}</p>").format(
        method.upper(),
        path,
        words,
        Markup("").join(lines),
        Markup("<p>Body: {}</p>").format(body) if body else "",
        escape(answers),
    )


def _named(holder: dict[str, Any]) -> str:
    """The name of the message in a body or answer."""
    schema = holder.get("content", {}).get("application/json", {}).get("schema", {})
    return str(schema.get("$ref", "").rpartition("/")[2] or schema.get("type", ""))
