/* Starts a helper that starts another one and ends, so that init adopts the other; looks whether init collected it. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void) {
  int ends[2], orphan;
  if (pipe(ends) < 0) return 2;
  if (fork() == 0) {
    if ((orphan = fork()) > 0) write(ends[1], &orphan, sizeof orphan);
    _exit(0);
  }
  wait(NULL);
  read(ends[0], &orphan, sizeof orphan);
  char path[32], text[256] = "";
  snprintf(path, sizeof path, "/proc/%d/stat", orphan);
  for (int i = 0; i < 50; i++) {
    int file = open(path, O_RDONLY);
    if (file < 0) return 0;
    read(file, text, sizeof text - 1);
    close(file);
    usleep(10000);
  }
  puts(strstr(text, ") Z ") ? "a zombie is left" : "it still runs");
  return 1;
}
