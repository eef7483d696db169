# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
# A tree with six mechanisms of its own and figures for them, so that answers do not change with the real ones.
mkdir -p home/libs home/docs home/templates out/tiny
ln -s "$UKB_ROOT/kconfig" home/kconfig
mkdir -p home/platforms && cp -R "$UKB_ROOT/platforms/kvm" home/platforms/kvm
sed -i '/^NOHARDEN/d' home/platforms/kvm/plat.mk
mechanism()
{
	mkdir -p "home/hardening/$1"
	printf '# SPDX-License-Identifier: BSD-2-Clause\nLEVELS := %s\n%s\n' "$2" "$3" >"home/hardening/$1/harden.mk"
	printf '# SPDX-License-Identifier: BSD-2-Clause\nconfig HARDEN_%s\n\tbool "%s"\n' \
		"$(echo "$1" | tr '[:lower:]' '[:upper:]')" "$1" >"home/hardening/$1/Kconfig"
}
mechanism floor 'off on' ''
mechanism walls 'off on' ''
mechanism canary 'off strong' ''
mechanism cfi 'off kcfi' ''
mechanism xom 'off on' 'CONFLICTS := cfi=kcfi'
mechanism later 'off on' ''
printf 'none :=\npeer := floor=on canary=strong\ndefault := floor=on walls=on canary=strong cfi=kcfi\nmax := floor=on walls=on canary=strong cfi=kcfi\n' \
	>home/hardening/profiles.mk
cp "$UKB_ROOT/tests/golden/harden/figures/threat-model.md" home/docs/
cp "$UKB_ROOT/tests/golden/harden/figures/measure.json" out/tiny/
printf 'name: tiny\nsources: main.c\n' >ukbuild.yaml
echo 'int main(void) { return 0; }' >main.c
export UKBUILD_HOME="$PWD/home"
