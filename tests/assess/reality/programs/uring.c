/* Sets up io_uring. */
#include <linux/io_uring.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
int main(void) {
  struct io_uring_params parameters = {0};
  if (syscall(SYS_io_uring_setup, 4, &parameters) < 0) { perror("io_uring_setup"); return 1; }
  return 0;
}
