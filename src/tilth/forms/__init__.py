"""Forms for offers: built in the browser, shown anywhere, kept whole."""
