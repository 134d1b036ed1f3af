# U-Boot's half of the boot choice: picks a slot and starts it. The choice itself is edited by the running box only.
#
# The choice is kept twice, in two 16 KiB copies in the raw partition 9 (boot-env), each an environment with its CRC32:
#
#   copy 0 at sector 0, copy 1 at sector 0x2000 (4 MiB on: in another erase block of a card)
#   gen=7         counts the changes, hexadecimal; of two sound copies the higher one holds
#   order=B A     the slots that may boot, the one to take first; a retired slot is left out
#   tries=3       boots left to the first on its trial; not there when nothing is on trial
#
# An ordinary boot writes nothing. A trial spends a try first, over the older copy only, and runs only once the try has been read back.
# No sound copy: slot A. Nothing else of the disk's is imported, so neither the environment nor a slot can name another command.

setenv bx_addr ${scriptaddr}
setexpr bx_addr ${bx_addr} + 100000
setenv bx_gen
setenv bx_tries
setenv bx_from
setenv bx_order A
setenv bx_at

${devtype} dev ${devnum}
part start ${devtype} ${devnum} 9 bx_at

for bx_copy in 0 2000; do
	setenv gen
	setenv order
	setenv tries
	setenv bx_sound
	setexpr bx_sector ${bx_at} + ${bx_copy}
	if test -n "${bx_at}" && ${devtype} read ${bx_addr} ${bx_sector} 20 && env import -c ${bx_addr} 4000 gen order tries; then
		for bx_may in 0 1 2 3 4 5 6 7 8 9; do
			if test "${tries}" = "${bx_may}"; then
				if test "${order}" = "A B" || test "${order}" = "B A"; then
					setenv bx_sound y
				fi
			fi
		done
		if test -z "${tries}"; then
			if test "${order}" = "A" || test "${order}" = "B" || test "${order}" = "A B" || test "${order}" = "B A"; then
				setenv bx_sound y
			fi
		fi
		if test -z "${gen}"; then
			setenv bx_sound
		fi
	fi
	if test "${bx_sound}" = y; then
		setenv bx_take y
		if test -n "${bx_from}"; then
			setenv bx_take
			setexpr bx_ahead ${gen} - ${bx_gen}
			setexpr bx_ahead ${bx_ahead} "&" ffffffff
			if itest ${bx_ahead} != 0 && itest ${bx_ahead} -lt 80000000; then
				setenv bx_take y
			fi
		fi
		if test "${bx_take}" = y; then
			setenv bx_gen ${gen}
			setenv bx_order ${order}
			setenv bx_tries ${tries}
			setenv bx_from ${bx_copy}
		fi
	else
		echo "school-box: no sound boot choice in copy ${bx_copy}"
	fi
done

setenv bx_new
setenv bx_left
if test -n "${bx_tries}"; then
	setenv bx_new A
	setenv bx_good B
	if test "${bx_order}" = "B A"; then
		setenv bx_new B
		setenv bx_good A
	fi
	setenv order ${bx_order}
	setenv bx_order ${bx_good}
	if test "${bx_tries}" = 0; then
		echo "school-box: slot ${bx_new} has spent its tries, slot ${bx_good} boots in its place"
		setenv bx_new
	else
		setexpr gen ${bx_gen} + 1
		setexpr gen ${gen} "&" ffffffff
		setexpr tries ${bx_tries} - 1
		setenv bx_left ${tries}
		setenv bx_copy 0
		if test "${bx_from}" = 0; then
			setenv bx_copy 2000
		fi
		setexpr bx_sector ${bx_at} + ${bx_copy}
		if env export -c -s 4000 ${bx_addr} gen order tries && ${devtype} write ${bx_addr} ${bx_sector} 20; then
			setenv tries
			mw.b ${bx_addr} 0 4000
			if ${devtype} read ${bx_addr} ${bx_sector} 20 && env import -c ${bx_addr} 4000 gen order tries; then
				if test "${tries}" = "${bx_left}"; then
					setenv bx_order ${bx_new} ${bx_good}
				fi
			fi
		fi
		if test "${bx_order}" = "${bx_good}"; then
			echo "school-box: the try of slot ${bx_new} could not be written, slot ${bx_good} boots"
			setenv bx_new
		fi
	fi
fi

setenv bx_fdt ${fdt_addr}
if test -z "${bx_fdt}"; then
	setenv bx_fdt ${fdtcontroladdr}
fi

for bx_slot in ${bx_order}; do
	setenv bx_part 2
	if test ${bx_slot} = B; then
		setenv bx_part 3
	fi
	setenv bx_trial
	if test "${bx_slot}" = "${bx_new}"; then
		setenv bx_trial "school_box.trial=${bx_left}"
		echo "school-box: slot ${bx_slot} boots on trial, ${bx_left} tries left after this one"
	else
		echo "school-box: slot ${bx_slot} boots"
	fi
	setenv slot_args
	if load ${devtype} ${devnum}:${bx_part} ${bx_addr} slot.env && env import -t ${bx_addr} ${filesize} slot_args; then
		if test -n "${slot_args}" && load ${devtype} ${devnum}:${bx_part} ${kernel_addr_r} Image && load ${devtype} ${devnum}:${bx_part} ${ramdisk_addr_r} initramfs.img; then
			setenv bootargs "${slot_args} school_box.slot=${bx_slot} ${bx_trial}"
			booti ${kernel_addr_r} ${ramdisk_addr_r}:${filesize} ${bx_fdt}
		fi
	fi
	echo "school-box: slot ${bx_slot} does not start"
done

echo "school-box: no slot starts; the next attempt is in 20 s"
sleep 20
reset
