/* A program with the setuid bit of root. */
#include <stdio.h>
#include <unistd.h>
int main(void) {
  printf("effective user %d\n", geteuid());
  return geteuid() != 0;
}
