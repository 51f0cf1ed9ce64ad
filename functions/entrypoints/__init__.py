"""Where each target's events come in: parse, call a service, answer. Entry points translate; they do not decide."""
