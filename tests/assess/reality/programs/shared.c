/* shared MIB: maps a file of this size in /dev/shm and writes to all of it, as a database does with its buffers. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
int main(int argc, char **argv) {
  size_t size = (size_t)atol(argv[argc - 1]) << 20;
  int file = shm_open("/reality", O_CREAT | O_RDWR, 0600);
  if (file < 0 || ftruncate(file, size) < 0) return 2;
  char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  memset(memory, 1, size);
  return shm_unlink("/reality");
}
