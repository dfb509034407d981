from django.contrib.auth.models import User
from django.db import models


class Chat(models.Model):
    PRIVATE, GROUP = "private", "group"
    type = models.CharField(max_length=10, choices=[(PRIVATE, "Private"), (GROUP, "Group")])
    name = models.CharField(max_length=255, blank=True, null=True)
    members = models.ManyToManyField(User, related_name="chats")
    created_at = models.DateTimeField()


class ChatReadState(models.Model):
    chat = models.ForeignKey(Chat, on_delete=models.CASCADE, related_name="read_states")
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    last_read_message_id = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        unique_together = ("chat", "user")
