/* device PATH MAJOR MINOR: opens a character device to write, and makes its node first where there is none. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
int main(int argc, char **argv) {
  struct stat found;
  if (argc != 4) return 2;
  if (stat(argv[1], &found) < 0 && mknod(argv[1], S_IFCHR | 0600, makedev(atoi(argv[2]), atoi(argv[3]))) < 0) {
    perror("mknod");
    return 2;
  }
  if (open(argv[1], O_WRONLY | O_NONBLOCK) < 0) { perror("open"); return 1; }
  return 0;
}
