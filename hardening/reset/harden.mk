# SPDX-License-Identifier: BSD-2-Clause
LEVELS := off on
SRC-uk_wipe := runtime/reset.c
SRC-uk_wipe_memory := runtime/reset.c
SRC-uk_wipe_switch := runtime/switch_x86_64.S
STATUS.kvm := proven
STATUS.process := inherent Linux clears a page before a process gets it (mm/page_alloc.c, __GFP_ZERO)
STATUS.xen-pv := inherent Xen clears the pages of a domain that has ended (xen/common/page_alloc.c, free_domheap_pages)
STATUS.xen-pvh := inherent Xen clears the pages of a domain that has ended (xen/common/page_alloc.c, free_domheap_pages)
# Clears the value that canaries are compared with.
NOHARDEN.canary := runtime/reset.c
