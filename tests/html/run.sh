#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The page of `report --format html` in a real browser: nothing wider than a phone, nothing loaded, no script needed,
# figures readable, printable.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || :)
if [ -z "$browser" ]; then
	echo "skip browser: chromium is not installed ('make deps-test' does it)"
	exit 0
fi
selected browser || exit 0

app=$scratch/app
rm -rf "$app"
"$UKBUILD" init -q hello "$app" >/dev/null
cd "$app"
mkdir -p out/hello
# Long names, attacks, two platforms: all that a page can have.
sed 's/"kvm"/"process"/; s/"tiny"/"hello"/' "$root/tests/golden/harden/figures/attack.json" >attack.json
if ! { "$UKBUILD" measure -q --platform process,kvm --variants none,canary,cfi,default --workloads boot,memory &&
	cp attack.json out/hello/ &&
	"$UKBUILD" report -q --platform process,kvm --format html --output page.html; } >log 2>&1; then
	echo 'not ok browser/page'
	cat log
	exit 0
fi

# browse FILE ARGS...: stdout of a browser without network and profile
browse()
{
	file=$1
	shift
	timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
		--hide-scrollbars --disable-background-networking --disable-component-update --disable-sync \
		--host-resolver-rules='MAP * ~NOTFOUND' --allow-file-access-from-files --virtual-time-budget=5000 \
		--user-data-dir="$app/profile" "$@" "file://$app/$file" 2>browser.log
}

# ask PAGE WIDTH: what a script outside of the page sees of it in a frame of that width.
ask()
{
	cat >frame.html <<EOF
<!DOCTYPE html><body><iframe id="f" src="$1" style="width:$2px;height:3000px;border:0"></iframe><pre id="said"></pre>
<script>
document.getElementById("f").onload = function () {
	const d = this.contentDocument, said = [];
	said.push("width " + d.documentElement.scrollWidth);
	for (const e of d.querySelectorAll("body *"))
		if (!e.closest(".wide") && !e.closest("script") && e.getBoundingClientRect().right > $2 + 1)
			said.push("beyond " + e.tagName + " " + e.className + " " + e.textContent.slice(0, 40));
	said.push("scripts " + [...d.scripts].filter(s => s.type != "application/json").length);
	said.push("version " + JSON.parse(d.getElementById("figures").textContent).version);
	said.push("charts " + d.querySelectorAll("svg").length);
	said.push("tables " + d.querySelectorAll(".wide > table").length + " of " + d.querySelectorAll("table").length);
	document.getElementById("said").textContent = "\n" + said.join("\n") + "\n";
};
</script></body>
EOF
	browse frame.html --window-size=1300,3000 --dump-dom | sed -n '/<pre id="said">/,/<\/pre>/p' |
		sed 's/<pre id="said">//; s/<\/pre>.*//'
}

# verdict NAME COMMAND...
verdict()
{
	name=browser/$1
	shift
	if "$@"; then
		echo "ok $name"
	else
		echo "not ok $name"
		cat said 2>/dev/null || :
		tail -n 5 browser.log
	fi
}

fits()
{
	ask page.html "$1" >said
	grep -q "^width $1\$" said && ! grep -q '^beyond' said
}
verdict fits-390 fits 390
# requests PAGE: the addresses asked for, but for those of the browser's maker, which the browser asks for by itself.
requests()
{
	browse "$1" --log-net-log="$app/net.json" --net-log-capture-mode=Everything --dump-dom >/dev/null
	[ -s net.json ] && grep -o '"url":"[a-z]*:[^"]*' net.json | cut -d'"' -f4 | sort -u |
		grep -v -e '^file:' -e '^[a-z]*://[a-z0-9.-]*\.\(google\|googleapis\|gstatic\|gvt1\)\.com/'
}
quiet()
{
	grep -qx 'scripts 0' said && rm -f net.json || return 1
	requests page.html >asked || :
	cp asked said
	[ -s net.json ] && [ ! -s asked ]
}
complete()
{
	grep -q '^version [0-9]' said && [ "$(sed -n 's/^charts //p' said)" -ge 6 ] &&
		grep -qx 'tables \([0-9]*\) of \1' said
}
verdict complete complete
verdict nothing-loaded quiet
verdict fits-320 fits 320
verdict fits-1200 fits 1200
# That too much is seen: a page that is too wide, and one that loads something.
too_wide()
{
	sed 's|</h1>|</h1><div style="width:600px">wide</div>|' page.html >wide.html
	ask wide.html 390 >said
	grep -q '^beyond DIV' said
}
verdict notices-width too_wide
loads()
{
	sed 's|</h1>|</h1><img src="http://figures.invalid/x.png">|' page.html >loads.html
	requests loads.html >said
	grep -q 'figures\.invalid' said
}
verdict notices-loading loads
prints() { browse page.html --print-to-pdf="$app/page.pdf" >/dev/null && [ "$(head -c 5 page.pdf)" = %PDF- ]; }
verdict prints prints
