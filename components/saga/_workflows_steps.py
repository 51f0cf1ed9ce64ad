"""The subworkflows that every compiled saga has: what its main workflow calls instead of repeating it."""

from __future__ import annotations

from typing import Any, Final

from components.saga.decider import END, FAULT

UNTRIED: Final[dict[str, Any]] = {"succeeded": False, "failed": False, "may_have_happened": False}
"""What `did_x` is while step x has not been performed."""

UNANSWERED: Final[dict[str, Any]] = {"given": False, "code": None}
"""What `answer` is before a task's first attempt: an argument, since Workflows bills each variable that is assigned."""

# The attempts are a loop of plain steps and not a `retry`, which waits with a jitter and keeps to itself how often it
# has tried: the task is told the number of the attempt, and a step that said no is undone if an attempt before faulted.
PERFORM: Final[dict[str, Any]] = {
    "params": ["step", "rejects", "url", "body", "answer", "timeout_seconds", "waits_seconds"],
    "steps": [
        {
            "attempt": {
                "try": {
                    "steps": [
                        {
                            "post": {
                                "call": "http.post",
                                "args": {
                                    "url": "${url}",
                                    "auth": {"type": "OIDC", "audience": "${url}"},
                                    "timeout": "${timeout_seconds}",
                                    "body": "${body}",
                                },
                                "result": "response",
                            }
                        },
                        # Here rather than below: an answer of another form is a fault like any other.
                        {
                            "read": {
                                "assign": [
                                    {
                                        "answer": {
                                            "given": True,
                                            "code": "${response.body.code}",
                                            "message": "${response.body.message}",
                                            "result": "${response.body.result}",
                                        }
                                    }
                                ]
                            }
                        },
                    ]
                },
                "except": {"as": "error", "steps": [{"note": {"assign": [{"answer.fault": "${error.tags[0]}"}]}}]},
            }
        },
        {
            "decide": {
                "switch": [
                    {"condition": "${answer.given and answer.code == null}", "next": "succeeded"},
                    {"condition": "${answer.given}", "next": "refused"},
                    {"condition": "${body.attempt > len(waits_seconds)}", "next": "faulted"},
                ]
            }
        },
        {"wait": {"call": "sys.sleep", "args": {"seconds": "${waits_seconds[body.attempt - 1]}"}}},
        {"again": {"assign": [{"body.attempt": "${body.attempt + 1}"}], "next": "attempt"}},
        {
            "succeeded": {
                "return": {
                    "succeeded": True,
                    "failed": False,
                    "may_have_happened": True,
                    "result": "${answer.result}",
                }
            }
        },
        {
            "refused": {
                "return": {
                    "succeeded": False,
                    "failed": True,
                    "may_have_happened": "${body.attempt > 1}",
                    "rejected": "${rejects}",
                    "failure": {"step": "${step}", "code": "${answer.code}", "message": "${answer.message}"},
                }
            }
        },
        {
            "faulted": {
                "return": {
                    "succeeded": False,
                    "failed": True,
                    "may_have_happened": True,
                    "rejected": False,
                    "failure": {"step": "${step}", "code": FAULT, "message": "${answer.fault}"},
                }
            }
        },
    ],
}
"""Attempts a call until it is answered or every attempt was made, and returns what `did_x` is from then on."""

UNDO: Final[dict[str, Any]] = {
    "params": ["did", "uncompensated", "step", "url", "body", "timeout_seconds", "waits_seconds"],
    "steps": [
        {"pass_over": {"switch": [{"condition": "${not did.may_have_happened}", "return": "${uncompensated}"}]}},
        {
            "undo": {
                "call": "perform",
                "args": {
                    "step": "${step}",
                    "rejects": False,
                    "url": "${url}",
                    "body": "${body}",
                    "answer": UNANSWERED,
                    "timeout_seconds": "${timeout_seconds}",
                    "waits_seconds": "${waits_seconds}",
                },
                "result": "undone",
            }
        },
        {"undone": {"switch": [{"condition": "${undone.succeeded}", "return": "${uncompensated}"}]}},
        {"kept": {"return": "${list.concat(uncompensated, step)}"}},
    ],
}
"""Undoes a step unless it cannot have happened, and returns the names of the steps that could not be undone so far."""

FIRST_FAILURE: Final[dict[str, Any]] = {
    "params": ["answers"],
    "steps": [
        {
            "look": {
                "for": {
                    "value": "answer",
                    "in": "${answers}",
                    "steps": [{"found": {"switch": [{"condition": "${answer.failed}", "return": "${answer}"}]}}],
                }
            }
        }
    ],
}

RECORD: Final[dict[str, Any]] = {
    "params": ["outcome", "url", "body", "timeout_seconds", "waits_seconds"],
    "steps": [
        {
            "record": {
                "call": "perform",
                "args": {
                    "step": END,
                    "rejects": False,
                    "url": "${url}",
                    "body": "${body}",
                    "answer": UNANSWERED,
                    "timeout_seconds": "${timeout_seconds}",
                    "waits_seconds": "${waits_seconds}",
                },
                "result": "recorded",
            }
        },
        {
            "is_in_order": {
                "switch": [
                    {
                        "condition": "${recorded.succeeded and len(body.uncompensated) == 0}",
                        "return": {"outcome": "${outcome}", "failure": "${body.failure}", "uncompensated": []},
                    }
                ]
            }
        },
        {
            "alarm": {
                "raise": {
                    "message": "a compensation failed, or the end of the run was not recorded",
                    "outcome": "${outcome}",
                    "failure": "${body.failure}",
                    "uncompensated": "${body.uncompensated}",
                    "is_recorded": "${recorded.succeeded}",
                }
            }
        },
    ],
}
"""Records the end of a run that did not succeed, and returns it, or raises it where somebody has to look."""

SUBWORKFLOWS: Final[dict[str, Any]] = {
    "perform": PERFORM,
    "undo": UNDO,
    "first_failure": FIRST_FAILURE,
    "record": RECORD,
}
