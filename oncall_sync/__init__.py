"""On-call configuration as code. The core knows teams, time and change; it knows no vendor."""

__version__ = "0.1.0"
