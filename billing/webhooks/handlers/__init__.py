"""What each event means. The payload is a hint of what to re-read; the mirror is written from the API's answer."""
