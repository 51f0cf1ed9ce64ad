"""The saga as data, and what each engine makes of it. Its meaning is in docs/saga.md.

What it may say is in `definition`, as JSON in `json`; what a run is started with in `start`; the order saga in `order`.
Our own executor asks `decider` what is next. The clouds' engines get what `asl` (Step Functions), `workflows` (Google)
and `durable` (Azure) write; people get `mermaid` and `artefacts`.

Stdlib only: the configuration, every compiler and the local executor read the same objects.
"""
