"""The look that a designer at Stigg gives the paywall, made safe: colours, custom CSS, one stylesheet."""
