from django.contrib.auth.models import User
from django.db import models


class UserProfile(models.Model):
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="profile")
    is_online = models.BooleanField(default=False)
    last_seen = models.DateTimeField(auto_now=True)
    avatar = models.URLField(default="https://via.placeholder.com/150")


class ChatRoom(models.Model):
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    created_at = models.DateTimeField()
    participants = models.ManyToManyField(User, related_name="chat_rooms", blank=True)


class Message(models.Model):
    room = models.ForeignKey(ChatRoom, on_delete=models.CASCADE, related_name="messages")
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    content = models.TextField()
    timestamp = models.DateTimeField()
    is_read = models.BooleanField(default=False)

    class Meta:
        ordering = ["timestamp"]
