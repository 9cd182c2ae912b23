#!/bin/sh
# Print a Python this project runs on: the machine's own python3 first (its pip is at hand), newer ones last.
# Print nothing where there is none.
try() {
    for name in $2; do
        path=$(command -v "$name" 2>/dev/null) || continue
        if "$path" -c "import sys; sys.exit(not ($1))" 2>/dev/null; then
            echo "$path"
            exit 0
        fi
    done
}
try "(3, 11) <= sys.version_info < (3, 14)" "python3 python3.13 python3.12 python3.11 python"
try "(3, 11) <= sys.version_info" "python3.14 python3.15 python3"
