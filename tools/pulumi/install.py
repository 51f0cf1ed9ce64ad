"""Prints the folder of the Pulumi CLI to use: the one on PATH, or else one built from its Go module into a cache.

The cache is outside the tree (XDG_CACHE_HOME or ~/.cache), so every clone shares one build. A build is renamed into its
place when it is whole: an interrupted one is never taken as done, and of two at once the second waits for the first.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
LANGUAGE_HOST = HERE / "pulumi-language-python"
MODULE = "github.com/pulumi/pulumi"
OTHER_WAY = "or install the official CLI (https://www.pulumi.com/docs/install/) and run this again"


PACKAGES = 1700  # about: what `go list -deps tool` counts at v3.259.0


class InstallError(Exception):
    """The CLI cannot be had; the message says what to do."""


def main() -> None:
    try:
        print(cli_folder())
    except InstallError as error:
        sys.exit(f"pulumi: {error}")


def cli_folder() -> Path:
    """The folder that holds `pulumi`; builds it there first when there is none yet."""
    built = _cache() / f"pulumi-{_required('pkg/v3')}" / "bin"
    on_path = shutil.which("pulumi")
    if on_path and Path(on_path).parent != built:
        return Path(on_path).parent
    if not (built / "pulumi").exists():
        _build_once(built)
    _put_language_host(built)
    return built


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "orderly"


def _required(module: str) -> str:
    """The version of one of Pulumi's modules, or of Go itself, that go.mod requires."""
    pattern = r"^go (\S+)" if module == "go" else rf"^\s*{re.escape(f'{MODULE}/{module}')} (v\S+)"
    found = re.search(pattern, (HERE / "go.mod").read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise InstallError(f"{HERE / 'go.mod'} requires no {module}; restore it with: git checkout tools/pulumi")
    return found[1]


def _build_once(folder: Path) -> None:
    if shutil.which("go") is None:
        raise InstallError(
            f"not on PATH, and no Go to build it with: install Go {_required('go')} or newer, {OTHER_WAY}"
        )
    _cache().mkdir(parents=True, exist_ok=True)
    try:
        with _lock(_cache() / "build.lock"):
            if not (folder / "pulumi").exists():
                _build(folder)
    except KeyboardInterrupt:
        raise InstallError("interrupted; run this again to build it") from None


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("another build of the Pulumi CLI is under way: waiting for it", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(folder: Path) -> None:
    """Build beside the folder, then rename; called under the lock, so what an earlier build left is nobody's."""
    for left_over in _cache().glob("unfinished-*"):
        shutil.rmtree(left_over)
    with tempfile.TemporaryDirectory(prefix="unfinished-", dir=_cache()) as unfinished:
        new = Path(unfinished, folder.parent.name)
        _go_install(new / folder.name)
        shutil.rmtree(folder.parent, ignore_errors=True)
        new.rename(folder.parent)


def _go_install(folder: Path) -> None:
    # without its version the Automation API refuses the CLI
    version = f"-X {MODULE}/sdk/v3/go/common/version.Version={_required('pkg/v3')}"
    progress = Progress()
    with (
        subprocess.Popen(
            ["go", "install", "-v", "-ldflags", f"-s -w {version}", "tool"],
            cwd=HERE,
            env={**os.environ, "GOBIN": str(folder), "GOWORK": "off"},
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as go,
        progress.shown(),
    ):
        for line in go.stderr or ():
            progress.count(line.rstrip())
    if go.returncode:
        said = "\n  ".join(progress.complaints)
        raise InstallError(
            f"building it failed, go said:\n  {said}\nMend that (is the module proxy reached?), {OTHER_WAY}"
        )


def _put_language_host(folder: Path) -> None:
    """Keep a current copy beside the CLI, the only place where the engine takes it without a warning."""
    copy = folder / LANGUAGE_HOST.name
    if copy.exists() and copy.read_bytes() == LANGUAGE_HOST.read_bytes():
        return
    with tempfile.TemporaryDirectory(dir=folder) as unfinished:
        shutil.copy2(LANGUAGE_HOST, unfinished)
        Path(unfinished, copy.name).rename(copy)


@dataclass
class Progress:
    """What `go install -v` has done so far, told on stderr: a line rewritten on a terminal, else one now and then."""

    modules: int = 0
    packages: int = 0
    complaints: deque[str] = field(default_factory=lambda: deque(maxlen=12))
    started: float = field(default_factory=time.monotonic)

    def count(self, line: str) -> None:
        if line.startswith("go: downloading "):
            self.modules += 1
        elif " " not in line:
            self.packages += 1
        else:
            self.complaints.append(line)

    @contextmanager
    def shown(self) -> Iterator[None]:
        done = threading.Event()
        teller = threading.Thread(target=self._tell_until, args=(done,))
        teller.start()
        try:
            yield
        finally:
            done.set()
            teller.join()

    def _tell_until(self, done: threading.Event) -> None:
        terminal = sys.stderr.isatty()
        start, end, seconds = ("\r\033[K", "", 1) if terminal else ("", "\n", 20)
        while True:
            print(start + str(self), end=end, file=sys.stderr, flush=True)
            if done.wait(seconds):
                break
        print(f"{start}{self}", file=sys.stderr)

    def __str__(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self.started), 60)
        return (
            f"building the Pulumi CLI, about 10 minutes the first time: {self.modules} modules downloaded, "
            f"{self.packages} of about {PACKAGES} packages compiled, {minutes}:{seconds:02} elapsed"
        )


if __name__ == "__main__":
    main()
