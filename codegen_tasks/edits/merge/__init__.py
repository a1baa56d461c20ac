"""What a hunk writes at its place: its lines, how far in, how they end. It knows no format and no places."""
