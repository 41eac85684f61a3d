"""What can go wrong with the graph's files and runs.

GraphError
├── GraphFileError   a file is missing, torn, or not what its name says
├── EdgesInUseError  another process writes these edges
└── RunFailedError   a run ended without families: those before stay in force
"""

from __future__ import annotations


class GraphError(Exception):
    """Something about the graph; what it derives from is untouched, and it can be made anew."""


class GraphFileError(GraphError):
    """A file is missing, torn, or not what its name says."""


class EdgesInUseError(GraphError):
    """Another process writes these edges."""


class RunFailedError(GraphError):
    """A run ended without families: those before stay in force. The message says how it ended."""
