"""One module per system: a process that reads pages for the benchmark, in the system's own environment.

They import nothing of the benchmark but ``protocol``, and start with ``python -m bench.runners.NAME``.
"""
