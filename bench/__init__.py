"""The benchmark: our pipeline beside its peers, in one run, on pages with known text.

A developer's tool that the product never imports. ``docs/benchmarks.md`` says how to use it.
"""
