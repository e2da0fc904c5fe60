"""First steps: from an empty Tilth to leads that go round."""
