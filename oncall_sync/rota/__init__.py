"""Pure time: hours to windows, rotations to shifts, equality of schedules by what they ring."""
