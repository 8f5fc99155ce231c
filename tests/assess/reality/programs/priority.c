/* Raises its priority to the nice value -5. */
#include <stdio.h>
#include <sys/resource.h>
int main(void) {
  if (setpriority(PRIO_PROCESS, 0, -5) < 0) { perror("setpriority"); return 1; }
  return 0;
}
