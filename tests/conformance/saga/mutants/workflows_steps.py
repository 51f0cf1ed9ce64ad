"""Mistakes in the subworkflows of Google Cloud Workflows, which every compiled saga calls."""

from __future__ import annotations

from tests.conformance.saga.mutants import Mutant

SOURCE = "components/saga/_workflows_steps.py"
_POSTED = "                        # Here rather than below"
_AGAIN = """{"again_at_once": {"call": "http.post", "args": {"url": "${url}", "body": "${body}",
    "timeout": "${timeout_seconds}", "auth": {"type": "OIDC", "audience": "${url}"}}, "result": "response"}},
"""
MUTANTS = (
    Mutant("calls have no token", '"auth": {"type": "OIDC", "audience": "${url}"},', ""),
    Mutant("the token is another's", '"audience": "${url}"', '"audience": "https://other.run.app"'),
    Mutant("a token of the wrong kind", '"type": "OIDC"', '"type": "OAuth2"'),
    Mutant("calls have no timeout", '"timeout": "${timeout_seconds}",', ""),
    Mutant("every timeout is half a minute", '"timeout": "${timeout_seconds}"', '"timeout": 30'),
    Mutant("a call is made twice", _POSTED, _AGAIN + _POSTED),
    Mutant("a fault ends the execution", '{"assign": [{"answer.fault": "${error.tags[0]}"}]}', '{"raise": "${error}"}'),
    Mutant(
        "a fault is a success",
        '{"answer.fault": "${error.tags[0]}"}',
        '{"answer": {"given": True, "code": None, "result": ""}}',
    ),
    Mutant("a no is a success", "${answer.given and answer.code == null}", "${answer.given}"),
    Mutant("a no is attempted again", '{"condition": "${answer.given}", "next": "refused"},', ""),
    Mutant(
        "a no is a fault",
        '{"condition": "${answer.given}", "next": "refused"}',
        '{"condition": "${answer.given}", "next": "faulted"}',
    ),
    Mutant("the last attempt is not made", "body.attempt > len(waits_seconds)", "body.attempt >= len(waits_seconds)"),
    Mutant("nothing is attempted again", "body.attempt > len(waits_seconds)", "body.attempt > 0"),
    Mutant("every wait is the first", "waits_seconds[body.attempt - 1]", "waits_seconds[0]"),
    Mutant(
        "there is no wait",
        '"next": "faulted"},\n                ]\n',
        '"next": "faulted"},\n                    {"condition": True, "next": "again"},\n                ]\n',
    ),
    Mutant("a no after a fault left nothing behind", '"${body.attempt > 1}"', "False"),
    Mutant("a no at once left something behind", '"${body.attempt > 1}"', "True"),
    Mutant(
        "a fault left nothing behind",
        '"may_have_happened": True,\n                    "rejected"',
        '"may_have_happened": False,\n                    "rejected"',
    ),
    Mutant(
        "a success left nothing behind",
        '"may_have_happened": True,\n                    "result"',
        '"may_have_happened": False,\n                    "result"',
    ),
    Mutant("a fault rejects", '"rejected": False', '"rejected": "${rejects}"'),
    Mutant("every no rejects", '"rejected": "${rejects}"', '"rejected": True'),
    Mutant("the code of a no is lost", '"code": "${answer.code}"', '"code": FAULT'),
    Mutant("the code of a fault is its kind", '"code": FAULT', '"code": "${answer.fault}"'),
    Mutant("the result is lost", '"result": "${answer.result}"', '"result": ""'),
    Mutant("the result is the message", '"${response.body.result}"', '"${response.body.message}"'),
    Mutant("only what succeeded is undone", "${not did.may_have_happened}", "${not did.succeeded}"),
    Mutant("everything is undone", '"${not did.may_have_happened}"', "False"),
    Mutant(
        "a compensation that says no has undone",
        '"${undone.succeeded}"',
        "\"${undone.succeeded or undone.failure.code != 'fault'}\"",
    ),
    Mutant("a failed compensation is forgotten", "${list.concat(uncompensated, step)}", "${uncompensated}"),
    Mutant("the failed compensations before are forgotten", "${list.concat(uncompensated, step)}", "${[step]}"),
    Mutant(
        "no compensation counts as done",
        '{"condition": "${undone.succeeded}", "return"',
        '{"condition": False, "return"',
    ),
    Mutant(
        "a clean no is no failure",
        '"failed": True,\n                    "may_have_happened": "${body.attempt > 1}"',
        '"failed": "${body.attempt > 1}",\n                    "may_have_happened": "${body.attempt > 1}"',
    ),
    Mutant("what is left raises no alarm", "recorded.succeeded and len(body.uncompensated) == 0", "recorded.succeeded"),
    Mutant(
        "an unrecorded end raises no alarm",
        "recorded.succeeded and len(body.uncompensated) == 0",
        "len(body.uncompensated) == 0",
    ),
    Mutant("an alarm is a result", '"raise": {', '"return": {'),
    Mutant("an alarm has no outcome of its own", '"outcome": "${outcome}",\n', '"outcome": "failed",\n'),
    Mutant("an alarm says that all is recorded", '"is_recorded": "${recorded.succeeded}"', '"is_recorded": True'),
)
