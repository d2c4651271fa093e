"""Parts of Opsgenie's API that its published description does not have, in the same form.

Services and their incident rules are documented on the web only, and the vendor's go-sdk says the same of them;
the rate limits are not documented at all, but its own backup tool reads them. Recorded: what a service shows.
"""

from typing import Any

TEXT: dict[str, Any] = {"type": "string"}
FLAG: dict[str, Any] = {"type": "boolean"}
WHOLE: dict[str, Any] = {"type": "integer"}
NULLABLE_TEXT: dict[str, Any] = {"type": "string", "nullable": True}
TAGS: dict[str, Any] = {"type": "array", "items": TEXT, "maxItems": 20}
_LIMITS = {"type": "array", "items": {"$ref": "#/definitions/RequestLimit"}}


def _object(required: str = "", **properties: Any) -> dict[str, Any]:
    found = {"type": "object", "properties": properties}
    return {**found, "required": required.split()} if required else found


def _enum(*values: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/definitions/{name}"}


def _list(name: str) -> dict[str, Any]:
    return {"type": "array", "items": _ref(name)}


def _answer(data: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"allOf": [_ref("BaseResponse"), _object("data", data=data, **more)]}


def _operation(
    status: int, answer: dict[str, Any], payload: str | None = None, query: tuple[str, ...] = ()
) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [{"name": name, "in": "query", "type": "string"} for name in query]
    if payload is not None:
        parameters.append({"name": "body", "in": "body", "required": True, "schema": _ref(payload)})
    failed = {"default": {"description": "", "schema": _ref("ErrorResponse")}}
    return {"parameters": parameters, "responses": {str(status): {"description": "", "schema": answer}, **failed}}


_DONE = _ref("SuccessResponse")
_ITEM = "/v1/services/{id}"
_RULES = f"{_ITEM}/incident-rules"

PATHS: dict[str, Any] = {
    "/v1/services": {
        "get": _operation(
            200,
            _answer(_list("Service"), paging=_ref("PageDetails"), totalCount=WHOLE),
            query=("limit", "offset", "query", "order", "sort"),
        ),
        "post": _operation(201, _DONE, "CreateServicePayload"),
    },
    _ITEM: {
        "get": _operation(200, _answer(_ref("Service"))),
        "patch": _operation(200, _DONE, "UpdateServicePayload"),
        "delete": _operation(200, _DONE),
    },
    _RULES: {
        "get": _operation(200, _answer(_list("ServiceIncidentRule"))),
        "post": _operation(201, _DONE, "ServiceIncidentRulePayload"),
    },
    f"{_RULES}/{{ruleId}}": {
        "get": _operation(200, _answer(_ref("ServiceIncidentRule"))),
        "put": _operation(200, _DONE, "ServiceIncidentRulePayload"),
        "delete": _operation(200, _DONE),
    },
    "/v2/request-limits": {"get": _operation(200, _answer(_object("rateLimits", rateLimits=_LIMITS)))},
}

_SERVICE = {"name": {**TEXT, "maxLength": 100}, "description": {**TEXT, "maxLength": 10_000}, "tags": TAGS}
_VISIBILITY = _enum("TEAM_MEMBERS", "OPSGENIE_USERS")
_INCIDENT = _object(
    "message priority stakeholderProperties",
    message={**TEXT, "maxLength": 130},
    tags=TAGS,
    details={"type": "object", "additionalProperties": TEXT},
    description=TEXT,
    priority=_enum("P1", "P2", "P3", "P4", "P5"),
    stakeholderProperties=_object("message", enable=FLAG, message={**TEXT, "maxLength": 130}, description=TEXT),
)
_RULE = {
    "conditionMatchType": _enum("match-all", "match-any-condition", "match-all-conditions"),
    "conditions": _list("Condition"),
    "incidentProperties": _INCIDENT,
}

DEFINITIONS: dict[str, Any] = {
    "RequestLimit": _object(
        "domain limits",
        domain=TEXT,
        limits={"type": "array", "items": _object("limit periodInSeconds", limit=WHOLE, periodInSeconds=WHOLE)},
    ),
    "Service": _object(
        "id name",
        id=TEXT,
        visibility=_VISIBILITY,
        teamId=NULLABLE_TEXT,
        links=_object(web=TEXT, api=TEXT),
        isExternal=FLAG,
        **{**_SERVICE, "description": NULLABLE_TEXT},
    ),
    "CreateServicePayload": _object("name teamId", teamId=TEXT, visibility=_VISIBILITY, **_SERVICE),
    "UpdateServicePayload": _object(visibility=_VISIBILITY, **_SERVICE),
    "ServiceIncidentRule": _object("id", id=TEXT, order={"type": "number"}, **_RULE),
    "ServiceIncidentRulePayload": _object("conditionMatchType incidentProperties", **_RULE),
}
