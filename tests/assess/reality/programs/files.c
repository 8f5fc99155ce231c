/* files N: holds N files open. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) {
  for (int i = atoi(argv[argc - 1]); i > 3; i--)
    if (open("/", O_RDONLY) < 0) { perror("open"); return 1; }
  return 0;
}
