/* What the same answers cost a program that reads /proc itself: the kernel's own share, which no shell can go below.
 *
 *   read_proc -l exe -l cwd -d fd -f stat -f status    for every /proc/PID: -l a link, -d a directory of links, -f a file
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char buffer[1 << 17];

static void show_link(const char *path) {
  struct stat status;
  ssize_t length;
  if (lstat(path, &status) != 0) return;
  length = readlink(path, buffer, sizeof buffer - 1);
  if (length < 0) return;
  buffer[length] = 0;
  printf("%o %d %d %s -> %s\n", status.st_mode, (int)status.st_uid, (int)status.st_gid, path, buffer);
}

static void show_directory(const char *path) {
  char name[512];
  struct dirent *entry;
  DIR *directory = opendir(path);
  if (directory == NULL) return;
  printf("%s:\n", path);
  while ((entry = readdir(directory)) != NULL) {
    if (entry->d_name[0] == '.') continue;
    snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
    show_link(name);
  }
  closedir(directory);
}

static void show_file(const char *path) {
  ssize_t length;
  int descriptor = open(path, O_RDONLY);
  if (descriptor < 0) return;
  printf("%s:", path);
  while ((length = read(descriptor, buffer, sizeof buffer)) > 0) fwrite(buffer, 1, (size_t)length, stdout);
  close(descriptor);
}

int main(int count, char **arguments) {
  char path[512];
  struct dirent *entry;
  DIR *proc = opendir("/proc");
  if (proc == NULL) return 1;
  while ((entry = readdir(proc)) != NULL) {
    int index;
    if (!isdigit((unsigned char)entry->d_name[0])) continue;
    for (index = 1; index + 1 < count; index += 2) {
      snprintf(path, sizeof path, "/proc/%s/%s", entry->d_name, arguments[index + 1]);
      switch (arguments[index][1]) {
        case 'l': show_link(path); break;
        case 'd': show_directory(path); break;
        default: show_file(path);
      }
    }
  }
  closedir(proc);
  return 0;
}
