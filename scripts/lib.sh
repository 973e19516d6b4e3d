# What the scripts share: installing what a bare Debian lacks.

# need PACKAGE…: installs the Debian packages that are missing; asks for root only then.
need() {
  local missing=()
  local package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local root=()
  [ "$(id -u)" -eq 0 ] || root=(sudo)
  echo "Installing ${missing[*]}" >&2
  "${root[@]}" apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null
}

command -v swift >/dev/null || { echo "swift is not on PATH: install Swift 6.2 or newer first" >&2; exit 69; }
