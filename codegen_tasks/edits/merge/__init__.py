"""What hunks write at their places: which lines, how far in, how they end. It knows no format."""
