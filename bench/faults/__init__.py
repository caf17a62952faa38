"""What happens when parts of the platform fail: ``python -m bench.faults`` breaks them, and says what it cost.

Database, Redis, reconciler and workers are real processes on a data folder of their own; only the engine is a stand-in
of known cost. It needs what ``make test`` installs. ``tests/faults`` runs the short form.
"""
