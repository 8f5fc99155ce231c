/* Mounts a file system of its own, as the FUSE library does. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
int main(void) {
  char options[80];
  int file = open("/dev/fuse", O_RDWR);
  if (file < 0) { perror("/dev/fuse"); return 1; }
  snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0", file);
  if (mount("reality", "/mnt", "fuse.reality", 0, options) < 0) { perror("mount"); return 1; }
  return 0;
}
