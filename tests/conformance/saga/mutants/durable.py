"""Mistakes of the orchestrators, which hold the meaning on Durable Functions; the compiler only writes it down."""

from __future__ import annotations

from tests.conformance.saga.mutants import Mutant

SOURCE = "functions/entrypoints/azure/saga_v1.py"
_LAST_ATTEMPT = 'attempt == retry["attempts"]'
_GROWTH = "** (attempt - 1)"
_CAP = 'min(wait, retry["cap_seconds"])'
_TIMEOUT = "self.timer(timeout_seconds)"
_LATE = 'return _fault(f"no answer within {timeout_seconds} seconds", request["attempt"])'
_ERROR = "_fault(str(answer), attempt)"
_OTHER_FORM = '_fault("the task answered in another form", attempt)'
_NO = "_Kind.REFUSED, code, message"
_ATTEMPT = 'ending = yield from self.attempt({**request, **(told or {})}, call["timeout_seconds"])'
_MAY_HAVE_HAPPENED = "self.attempt > 1 or self.kind is not _Kind.REFUSED"
_REJECTED = 'step["rejects"] and ending.kind is _Kind.REFUSED'
_ARM = 'choice["cases"].get(results[choice["of"]], choice["otherwise"])'
_JOIN = "ended: list[Progress] = yield self.context.task_all(branches)"
_UNDOING = "for undo in compensations:"
_NOT_UNDONE = 'uncompensated.append(undo["step"])'
_ALARM = "if uncompensated or end_error:"
_TOLD = 'told = {"failure": failure, "uncompensated": uncompensated}'
_BRANCH_INPUT = '{"steps": steps, "run_id": self.run_id, "data": self.data}'
_CLOCK = "self.context.current_utc_datetime + timedelta(seconds=seconds)"

MUTANTS: tuple[Mutant, ...] = (
    Mutant("attempts are counted without the first", _LAST_ATTEMPT, 'attempt > retry["attempts"]'),
    Mutant("one attempt too few", _LAST_ATTEMPT, 'attempt + 1 >= retry["attempts"]'),
    Mutant("a business error is retried", "ending.kind is not _Kind.FAULTED or", "ending.kind is _Kind.SUCCEEDED or"),
    Mutant("waits do not grow", _GROWTH, "** 0"),
    Mutant("waits grow one attempt early", _GROWTH, "** attempt"),
    Mutant("waits have no cap", _CAP, "wait"),
    Mutant("waits last for the cap", _CAP, 'retry["cap_seconds"]'),
    Mutant("attempts follow without a wait", f"yield self.timer({_CAP})", "pass"),
    Mutant("waits are random", _CLOCK, f"{_CLOCK} * (1 + __import__('random').random())"),
    Mutant(
        "waits are by the machine's clock",
        _CLOCK,
        _CLOCK.replace(" +", ".replace(microsecond=datetime.now().microsecond) +"),
    ),
    Mutant("a call is made twice", _ATTEMPT, f"for _ in range(2):\n                {_ATTEMPT}"),
    Mutant("every attempt says that it is the first", '"attempt": attempt, "data"', '"attempt": 1, "data"'),
    Mutant("each attempt has a key of its own", '"key": key,', '"key": f"{key}:{attempt}",'),
    Mutant("a compensation has the key of its step", "f\"{undo['step']}:undo\"", 'undo["step"]'),
    Mutant(
        "the end has the key of the failed step", 'self.perform(call, "end",', 'self.perform(call, failure["step"],'
    ),
    Mutant(
        "the data does not reach the tasks", '"attempt": attempt, "data": self.data}', '"attempt": attempt, "data": {}}'
    ),
    Mutant("attempts have no timeout", "self.context.task_any([task, timeout])", "self.context.task_any([task])"),
    Mutant("the timeout is doubled", _TIMEOUT, "self.timer(2 * timeout_seconds)"),
    Mutant("the timeout is halved", _TIMEOUT, "self.timer(timeout_seconds / 2)"),
    Mutant("a late answer is a no", _LATE, 'return _Ending(_Kind.REFUSED, "late", "", request["attempt"])'),
    Mutant("a late answer is a success", _LATE, 'return _Ending(_Kind.SUCCEEDED, "", "", request["attempt"])'),
    Mutant("the timer of a call that was answered stays open", "timeout.cancel()", "pass"),
    Mutant("an error is swallowed", _ERROR, '_Ending(_Kind.SUCCEEDED, "", "", attempt)'),
    Mutant("an error is a no", _ERROR, '_Ending(_Kind.REFUSED, _FAULT, "", attempt)'),
    Mutant("an error's code is its text", _ERROR, '_Ending(_Kind.FAULTED, str(answer), "", attempt)'),
    Mutant("an answer of another form is a success", _OTHER_FORM, '_Ending(_Kind.SUCCEEDED, "", "", attempt)'),
    Mutant("an answer of another form is a no", _OTHER_FORM, '_Ending(_Kind.REFUSED, _FAULT, "", attempt)'),
    Mutant(
        "an answer with no result is a success",
        '"message": str(), "result": str(result)}:\n            return _Ending(_Kind.SUCCEEDED, result,',
        '**rest}:\n            return _Ending(_Kind.SUCCEEDED, rest.get("result", ""),',
    ),
    Mutant("a code that is no text is a no", '{"code": str(code)', '{"code": code'),
    Mutant("a no is a success", _NO, "_Kind.SUCCEEDED, code, message"),
    Mutant("a no is a fault", _NO, "_Kind.FAULTED, code, message"),
    Mutant("results are dropped", "_Kind.SUCCEEDED, result", '_Kind.SUCCEEDED, ""'),
    Mutant("a step that only said no is undone", _MAY_HAVE_HAPPENED, "True"),
    Mutant("a step that said no after a fault is not undone", _MAY_HAVE_HAPPENED, "self.kind is not _Kind.REFUSED"),
    Mutant("a step that faulted is not undone", _MAY_HAVE_HAPPENED, "self.kind is _Kind.SUCCEEDED"),
    Mutant("a branch goes on after its failed step", "                break\n", "                continue\n"),
    Mutant("a fault of a rejecting step rejects", _REJECTED, 'step["rejects"]'),
    Mutant("every no rejects", _REJECTED, "ending.kind is _Kind.REFUSED"),
    Mutant("nothing rejects", '"rejected" if is_rejected else "failed"', '"failed"'),
    Mutant(
        "the last failing branch tells why", "for sequence in sequences if", "for sequence in reversed(sequences) if"
    ),
    Mutant("only the failing branch is undone", '{**broken, "reached": reached}', "broken"),
    Mutant("a failing branch is no failure", "if broken:", "if broken and len(sequences) == 1:"),
    Mutant(
        "branches run one after another",
        _JOIN,
        "ended = []\n        for branch in branches:\n            ended.append((yield branch))",
    ),
    Mutant("the first branch to end decides", _JOIN, "ended = [(yield self.context.task_any(branches)).result]"),
    Mutant("branches share one id", "{parallel['name']}:{number}", "{parallel['name']}"),
    Mutant(
        "the data does not reach the branches", _BRANCH_INPUT, '{"steps": steps, "run_id": self.run_id, "data": {}}'
    ),
    Mutant(
        "a branch is a run of its own",
        _BRANCH_INPUT,
        '{"steps": steps, "run_id": f"{self.run_id}-{number}", "data": self.data}',
    ),
    Mutant("a choice knows no otherwise", _ARM, 'choice["cases"].get(results[choice["of"]], [])'),
    Mutant("a choice always runs otherwise", _ARM, 'choice["otherwise"]'),
    Mutant(
        "a choice runs its first case otherwise",
        _ARM,
        _ARM.replace('choice["otherwise"]', 'next(iter(choice["cases"].values()))'),
    ),
    Mutant("a choice asks the last step", _ARM, _ARM.replace('results[choice["of"]]', "list(results.values())[-1]")),
    Mutant("compensations run in the order of the steps", _UNDOING, "for undo in reversed(compensations):"),
    Mutant("every step is undone", 'if undo["step"] in reached:', "if reached:"),
    Mutant("a failing compensation stops the others", _NOT_UNDONE, "return [undo['step']]"),
    Mutant("a failing compensation is forgotten", _NOT_UNDONE, "pass"),
    Mutant(
        "a compensation that says no has undone",
        f"if ending.kind is not _Kind.SUCCEEDED:\n                    {_NOT_UNDONE}",
        f"if ending.kind is _Kind.FAULTED:\n                    {_NOT_UNDONE}",
    ),
    Mutant("the end is not told what is left", _TOLD, 'told = {"failure": failure, "uncompensated": []}'),
    Mutant("the end is told another reason", _TOLD, _TOLD.replace("failure,", '{**failure, "code": _FAULT},')),
    Mutant("what is left is not said", '**told, "end_error"', '**told, "uncompensated": [], "end_error"'),
    Mutant("what is left alarms nobody", _ALARM, "if end_error:"),
    Mutant("an end that is not recorded alarms nobody", _ALARM, "if uncompensated:"),
    Mutant("every run that was undone alarms", _ALARM, "if outcome:"),
    Mutant(
        "a rejection is recorded as a failure", 'definition["end"][progress["outcome"]]', 'definition["end"]["failed"]'
    ),
)
