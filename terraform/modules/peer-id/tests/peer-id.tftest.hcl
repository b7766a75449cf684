# Known keys and the peer ids that js-libp2p gives them (test/terraform/peer-id.test.ts compares random ones).

run "key_of_seed_01" {
  command = plan
  variables {
    public_key_openssh = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"
  }
  assert {
    condition     = output.peer_id == "12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5"
    error_message = "The peer id of the key made from 32 bytes of 01 is wrong: ${output.peer_id}"
  }
}

run "comment_and_newline_do_not_matter" {
  command = plan
  variables {
    public_key_openssh = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU somebody@somewhere\n"
  }
  assert {
    condition     = output.peer_id == "12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq"
    error_message = "The peer id of the key made from 32 bytes of 02 is wrong: ${output.peer_id}"
  }
}

run "key_of_zeros" {
  command = plan
  variables {
    public_key_openssh = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
  }
  assert {
    condition     = output.peer_id == "12D3KooW9pNAk8aiBuGVQtWRdbkLmo5qVL3e2h5UxbN2Nz9ttwiw"
    error_message = "The peer id of the all-zero key is wrong: ${output.peer_id}"
  }
}

run "key_that_begins_with_zero" {
  command = plan
  variables {
    public_key_openssh = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAD/////////////////////////////////////////"
  }
  assert {
    condition     = output.peer_id == "12D3KooW9tGaPdJo5jmCpadQ971nfiq4kLcQjeBPYTfutBTtckPG"
    error_message = "The peer id of the key 00ff…ff is wrong: ${output.peer_id}"
  }
}

run "other_keys_are_refused" {
  command = plan
  variables {
    public_key_openssh = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ"
  }
  expect_failures = [var.public_key_openssh]
}
