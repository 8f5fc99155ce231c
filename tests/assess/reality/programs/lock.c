/* lock MIB: keeps this much memory from being swapped out. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
int main(int argc, char **argv) {
  size_t size = (size_t)atol(argv[argc - 1]) << 20;
  if (mlock(malloc(size), size) < 0) { perror("mlock"); return 1; }
  return 0;
}
