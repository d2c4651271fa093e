"""YAML to model: reading with line marks, defaults, references, JSON Schema."""
