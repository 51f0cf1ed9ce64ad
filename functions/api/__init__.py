"""The HTTP contract as data: routes, OpenAPI document, problem documents, tokens, CORS; no web framework."""
