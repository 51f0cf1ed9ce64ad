"""The saga as data: what it may say (`definition`), what happens next (`decider`) and the order saga itself (`order`).

Stdlib only: the configuration, every compiler and the local executor read the same objects.
"""
