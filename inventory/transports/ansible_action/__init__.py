"""What Ansible loads of ours (``ANSIBLE_ACTION_PLUGINS`` names this folder); nothing here is imported by assess."""
