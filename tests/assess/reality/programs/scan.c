/* Watches accesses to a whole file system, as a scanner against malware does. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/fanotify.h>
int main(void) {
  int group = fanotify_init(FAN_CLASS_CONTENT, O_RDONLY);
  if (group < 0) { perror("fanotify_init"); return 1; }
  if (fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_OPEN, AT_FDCWD, "/") < 0) {
    perror("fanotify_mark");
    return 1;
  }
  return 0;
}
