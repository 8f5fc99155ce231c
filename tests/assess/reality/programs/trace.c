/* trace NAME: finds the process of this name and attaches to it as a debugger. */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
int main(int argc, char **argv) {
  DIR *all = opendir("/proc");
  for (struct dirent *each; (each = readdir(all));) {
    char path[300], name[64] = "";
    if (!isdigit((unsigned char)each->d_name[0])) continue;
    snprintf(path, sizeof path, "/proc/%s/comm", each->d_name);
    FILE *file = fopen(path, "r");
    if (!file) continue;
    fgets(name, sizeof name, file);
    fclose(file);
    name[strcspn(name, "\n")] = 0;
    if (strcmp(name, argv[argc - 1])) continue;
    if (ptrace(PTRACE_SEIZE, atoi(each->d_name), NULL, NULL) < 0) { perror("ptrace"); return 1; }
    return 0;
  }
  puts("no such process");
  return 1;
}
