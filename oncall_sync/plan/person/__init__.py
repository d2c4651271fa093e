"""One person: where they are named, when they ring, and what is left without them."""
