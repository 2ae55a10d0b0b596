"""What schemathesis cannot do by itself: it knows no NDJSON."""

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def ndjson(context, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
