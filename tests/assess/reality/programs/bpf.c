/* Makes a map for BPF programs. */
#include <linux/bpf.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(void) {
  union bpf_attr map = {.map_type = BPF_MAP_TYPE_HASH, .key_size = 4, .value_size = 4, .max_entries = 1};
  if (syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof map) < 0) { perror("bpf"); return 1; }
  return 0;
}
