"""Files from strangers are parsed in processes that can hurt nobody.

A *nursery* (``nursery.py``) is started once by each process that needs one, with an empty environment. It has
imported the parsers and forks a *child* for each file within milliseconds. The child gives up what it does not
need (``sandbox.py``): network, writing, reading anything but the file and the system's libraries, memory and
processor time beyond its limits. What it answers is data (``wire.py``), never code. A child that dies or takes
too long is an answer, too: a ResourceError that names the limit.
"""

from .client import Child, ConfinedReader, ProcessLimits, prepare

__all__ = ["Child", "ConfinedReader", "ProcessLimits", "prepare"]
