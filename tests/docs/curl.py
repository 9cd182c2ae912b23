"""What does a machine without curl send when a document says `curl …`? The same words, by httpx.

Only the options that the documents use are known; any other one ends the program.
"""

from __future__ import annotations

import argparse
import sys

import httpx


def main() -> int:
    """Send one request as curl would, print its answer; 22 where the answer is a refusal."""
    parser = argparse.ArgumentParser(prog="curl", allow_abbrev=False)
    for flag in ("--silent", "--show-error", "--fail-with-body", "--get"):
        parser.add_argument(flag, action="store_true")
    parser.add_argument("-H", dest="headers", action="append", default=[])
    parser.add_argument("-X", dest="method")
    parser.add_argument("-d", dest="data")
    parser.add_argument("--data-urlencode", dest="query", action="append", default=[])
    parser.add_argument("url")
    asked = parser.parse_args()
    method = asked.method or ("GET" if asked.data is None else "POST")
    headers = dict(line.split(": ", 1) for line in asked.headers)
    query = dict(pair.split("=", 1) for pair in asked.query)
    content = None if asked.data is None else asked.data.encode()
    answer = httpx.request(
        method, asked.url, headers=headers, params=query or None, content=content, timeout=60
    )
    sys.stdout.write(answer.text)
    return 22 if asked.fail_with_body and answer.is_error else 0


if __name__ == "__main__":
    sys.exit(main())
