"""The published networks in PyTorch, as the tutorials build them: what `incipit-cli bench train` and
`bench generate` measure Incipit against.

  python3 published_torch.py train FAMILY BATCH VOCABULARY SECONDS      prints windows a second
  python3 published_torch.py generate FAMILY BATCH VOCABULARY SECONDS   prints steps a second

train: batches of random windows, loss, gradient, Adam. generate: one step at a time, the whole
window through the network for each; of pictures, a batch of them. One thread.
"""

import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

KEYS = 88
COLUMNS = 100  # of a roll, and tokens of a sequence, that a network reads


class NoteLstm(nn.Module):
    """25 notes of three numbers in; pitch, step and duration of the next one out."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 128, batch_first=True)
        self.pitch = nn.Linear(128, 128)
        self.times = nn.Linear(128, 2)

    def window(self, batch):
        return torch.rand(batch, 25, 3)

    def forward(self, x):
        h = self.lstm(x)[0][:, -1]
        return self.pitch(h), self.times(h)

    def loss(self, x):
        pitch, times = self(x)
        batch = x.shape[0]
        target = torch.randint(128, (batch,))
        return 0.05 * F.cross_entropy(pitch, target) + F.mse_loss(times, torch.rand(batch, 2))


class RollLstm(nn.Module):
    """100 columns in, one out."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(KEYS, 128, batch_first=True)
        self.out = nn.Linear(128, KEYS)

    def window(self, batch):
        return (torch.rand(batch, COLUMNS, KEYS) > 0.95).float()

    def forward(self, x):
        return torch.sigmoid(self.out(self.lstm(x)[0][:, -1]))

    def loss(self, x):
        return F.mse_loss(self(x), torch.zeros(x.shape[0], KEYS))


class RollSeq2seq(nn.Module):
    """100 columns in, ten out, each fed with the one before."""

    OUT = 10

    def __init__(self):
        super().__init__()
        self.encoder = nn.LSTM(KEYS, 128, batch_first=True)
        self.decoder = nn.LSTMCell(KEYS, 128)
        self.dense = nn.Linear(128, 128)
        self.out = nn.Linear(128, KEYS)

    def window(self, batch):
        return (torch.rand(batch, COLUMNS, KEYS) > 0.95).float()

    def forward(self, x):
        _, (h, c) = self.encoder(x)
        state, value, columns = (h[0], c[0]), x[:, -1], []
        for _ in range(self.OUT):
            state = self.decoder(value, state)
            value = torch.sigmoid(self.out(torch.relu(self.dense(state[0]))))
            columns.append(value)
        return torch.stack(columns, 1)

    def loss(self, x):
        return F.mse_loss(self(x), torch.zeros(x.shape[0], self.OUT, KEYS))


class TokenLstm(nn.Module):
    """100 tokens in as one number each, the next one out."""

    def __init__(self, vocabulary):
        super().__init__()
        self.vocabulary = vocabulary
        self.lstm = nn.LSTM(1, 128, num_layers=2, batch_first=True)
        self.dense = nn.Linear(128, 256)
        self.out = nn.Linear(256, vocabulary)

    def window(self, batch):
        return torch.rand(batch, COLUMNS, 1)

    def forward(self, x):
        return self.out(torch.relu(self.dense(self.lstm(x)[0][:, -1])))

    def loss(self, x):
        return F.cross_entropy(self(x), torch.randint(self.vocabulary, (x.shape[0],)))


class Wavenet(nn.Module):
    """32 tokens in, three causal convolutions with pooling between, the next token out."""

    TOKENS = 32

    def __init__(self, vocabulary):
        super().__init__()
        self.vocabulary = vocabulary
        self.embedding = nn.Embedding(vocabulary, 100)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(i, o, 3, dilation=d) for i, o, d in ((100, 64, 1), (64, 128, 2), (128, 256, 4))
        )
        self.dense = nn.Linear(256, 256)
        self.out = nn.Linear(256, vocabulary)

    def window(self, batch):
        return torch.randint(self.vocabulary, (batch, self.TOKENS))

    def forward(self, x):
        h = self.embedding(x).transpose(1, 2)
        for i, convolution in enumerate(self.convolutions):
            h = torch.relu(convolution(F.pad(h, (2 * convolution.dilation[0], 0))))
            h = F.dropout(h, 0.2, self.training)
            if i < 2:
                h = F.max_pool1d(h, 2)
        return self.out(torch.relu(self.dense(h.amax(2))))

    def loss(self, x):
        return F.cross_entropy(self(x), torch.randint(self.vocabulary, (x.shape[0],)))


class HilbertAe(nn.Module):
    """A picture of 256 x 256 through convolutions and poolings, and back."""

    KERNELS = (16, 32, 64, 64, 32, 16)

    def __init__(self):
        super().__init__()
        ins = (1,) + self.KERNELS
        self.layers = nn.ModuleList(
            [nn.Conv2d(i, o, 4) for i, o in zip(ins, self.KERNELS)] + [nn.Conv2d(16, 1, 3)]
        )

    def window(self, batch):
        return torch.rand(batch, 1, 256, 256)

    def forward(self, x):
        for i, layer in enumerate(self.layers[:-1]):
            x = torch.relu(layer(F.pad(x, (1, 2, 1, 2))))
            x = F.max_pool2d(x, 2) if i < 3 else F.interpolate(x, scale_factor=2)
        return torch.sigmoid(self.layers[-1](F.pad(x, (1, 1, 1, 1))))

    def loss(self, x):
        return F.mse_loss(self(x), x)


class WavenetAudio(nn.Module):
    """1,024 classes of samples in, after each the next one out."""

    SAMPLES, CLASSES, WIDTH, LAYERS, HEAD = 1024, 256, 32, 10, 128

    def __init__(self):
        super().__init__()
        w = self.WIDTH
        self.embedding = nn.Embedding(self.CLASSES, w)
        self.gates = nn.ModuleList(
            nn.Conv1d(w, 2 * w, 2, dilation=2**i) for i in range(self.LAYERS)
        )
        self.outs = nn.ModuleList(nn.Conv1d(w, 2 * w, 1) for _ in range(self.LAYERS))
        self.head = nn.Conv1d(w, self.HEAD, 1)
        self.out = nn.Conv1d(self.HEAD, self.CLASSES, 1)

    def window(self, batch):
        return torch.randint(self.CLASSES, (batch, self.SAMPLES))

    def forward(self, x):
        x = self.embedding(x).transpose(1, 2)
        total = x
        for gate, out in zip(self.gates, self.outs):
            a, b = gate(F.pad(x, (gate.dilation[0], 0))).chunk(2, 1)
            on, skip = out(torch.tanh(a) * torch.sigmoid(b)).chunk(2, 1)
            x, total = x + on, total + skip
        return self.out(torch.relu(self.head(torch.relu(total))))

    def loss(self, x):
        return F.cross_entropy(self(x), x)


SIDE = 96  # keys and columns of a picture
NOISE = 100


class Adversaries:
    """A generator and a critic, a step of each in turn, each with an Adam of its own."""

    critic_steps = 1

    def __init__(self, generator, critic, rate=0.0002, betas=(0.5, 0.999)):
        self.generator, self.critic, self.count = generator, critic, 0
        self.of_generator = torch.optim.Adam(generator.parameters(), lr=rate, betas=betas)
        self.of_critic = torch.optim.Adam(critic.parameters(), lr=rate, betas=betas)

    def step(self, batch):
        real = (torch.rand(batch, 1, SIDE, SIDE) > 0.97).float() * 2 - 1
        noise = torch.randn(batch, NOISE)
        self.of_critic.zero_grad()
        self.critic_loss(real, self.generator(noise).detach()).backward()
        self.of_critic.step()
        self.count += 1
        if self.count % self.critic_steps == 0:
            self.of_generator.zero_grad()
            self.generator_loss(self.generator(noise)).backward()
            self.of_generator.step()

    def critic_loss(self, real, drawn):
        ones, zeros = torch.ones(real.shape[0], 1), torch.zeros(real.shape[0], 1)
        return (F.binary_cross_entropy_with_logits(self.critic(real), ones)
                + F.binary_cross_entropy_with_logits(self.critic(drawn), zeros))

    def generator_loss(self, drawn):
        return F.binary_cross_entropy_with_logits(self.critic(drawn), torch.ones(drawn.shape[0], 1))

    def draw(self, count):
        return self.generator.eval()(torch.randn(count, NOISE))


class WassersteinAdversaries(Adversaries):
    critic_steps = 5

    def __init__(self, generator, critic):
        super().__init__(generator, critic, 0.0001, (0, 0.9))

    def critic_loss(self, real, drawn):
        share = torch.rand(real.shape[0], 1, 1, 1)
        between = (real + share * (drawn - real)).requires_grad_()
        gradient, = torch.autograd.grad(self.critic(between).sum(), between, create_graph=True)
        penalty = (gradient.flatten(1).norm(dim=1) - 1).square().mean()
        return self.critic(drawn).mean() - self.critic(real).mean() + 10 * penalty

    def generator_loss(self, drawn):
        return -self.critic(drawn).mean()


def dense_generator():
    layers, width = [], NOISE
    for wider in (256, 512, 1024):
        layers += [nn.Linear(width, wider), nn.LeakyReLU(0.2), nn.BatchNorm1d(wider)]
        width = wider
    return nn.Sequential(*layers, nn.Linear(width, SIDE * SIDE), nn.Tanh(),
                         nn.Unflatten(1, (1, SIDE, SIDE)))


def dense_critic():
    return nn.Sequential(nn.Flatten(), nn.Linear(SIDE * SIDE, 512), nn.LeakyReLU(0.2),
                         nn.Linear(512, 256), nn.LeakyReLU(0.2), nn.Linear(256, 1))


def convolutional_generator():
    layers = [nn.Linear(NOISE, 256 * 36), nn.Unflatten(1, (256, 6, 6)), nn.BatchNorm2d(256),
              nn.LeakyReLU(0.2)]
    for width in (256, 128, 64):
        layers += [nn.ConvTranspose2d(width, width // 2, 4, 2, 1), nn.BatchNorm2d(width // 2),
                   nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.ConvTranspose2d(32, 1, 4, 2, 1), nn.Tanh())


def convolutional_critic(dropout):
    layers, width = [], 1
    for wider in (32, 64, 128, 256):
        layers += [nn.Conv2d(width, wider, 3, 2, 1), nn.LeakyReLU(0.2)]
        layers += [nn.Dropout(dropout)] if dropout else []
        width = wider
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(256 * 36, 1))


class Autoencoder:
    """Variational, with 64 latent numbers."""

    LATENT = 64

    def __init__(self):
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 32, 3, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(32, 64, 3, 2, 1),
            nn.LeakyReLU(0.2), nn.Conv2d(64, 128, 3, 2, 1), nn.LeakyReLU(0.2), nn.Flatten(),
            nn.Linear(128 * 144, 2 * self.LATENT))
        self.decoder = nn.Sequential(
            nn.Linear(self.LATENT, 128 * 144), nn.Unflatten(1, (128, 12, 12)), nn.LeakyReLU(0.2),
            nn.ConvTranspose2d(128, 64, 4, 2, 1), nn.LeakyReLU(0.2),
            nn.ConvTranspose2d(64, 32, 4, 2, 1), nn.LeakyReLU(0.2),
            nn.ConvTranspose2d(32, 1, 4, 2, 1))
        self.optimiser = torch.optim.Adam(
            [*self.encoder.parameters(), *self.decoder.parameters()], lr=0.001)

    def step(self, batch):
        x = (torch.rand(batch, 1, SIDE, SIDE) > 0.97).float()
        mean, variance = self.encoder(x).chunk(2, 1)
        z = mean + torch.exp(variance / 2) * torch.randn_like(mean)
        lost = F.binary_cross_entropy_with_logits(self.decoder(z), x, reduction="sum")
        apart = (mean.square() + variance.exp() - 1 - variance).sum() / 2
        self.optimiser.zero_grad()
        ((lost + apart) / batch).backward()
        self.optimiser.step()

    def draw(self, count):
        return torch.sigmoid(self.decoder(torch.randn(count, self.LATENT)))


PICTURES = {
    "roll-gan": lambda: Adversaries(dense_generator(), dense_critic()),
    "roll-dcgan": lambda: Adversaries(convolutional_generator(), convolutional_critic(0.25)),
    "roll-wgan-gp": lambda: WassersteinAdversaries(convolutional_generator(),
                                                   convolutional_critic(0)),
    "roll-vae": Autoencoder,
}


def network(family, vocabulary):
    if family == "hilbert-ae":
        return HilbertAe()
    if family == "wavenet-audio":
        return WavenetAudio()
    if family == "note-lstm":
        return NoteLstm()
    if family == "roll-lstm":
        return RollLstm()
    if family == "roll-seq2seq":
        return RollSeq2seq()
    if family == "token-lstm":
        return TokenLstm(vocabulary)
    if family == "wavenet":
        return Wavenet(vocabulary)
    sys.exit("there is no published network of " + family)


def rate(step, examples, seconds):
    """How many examples a second, after a second to warm up."""
    end = time.perf_counter() + 1
    while time.perf_counter() < end:
        step()
    start, count = time.perf_counter(), 0
    while time.perf_counter() < start + seconds:
        step()
        count += examples
    return count / (time.perf_counter() - start)


def main():
    mode, family = sys.argv[1:3]
    batch, vocabulary, seconds = int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])
    torch.set_num_threads(1)
    torch.manual_seed(1)
    if family in PICTURES:
        pictures = PICTURES[family]()
        if mode == "train":
            print(rate(lambda: pictures.step(batch), batch, seconds))
        else:
            with torch.no_grad():
                print(rate(lambda: pictures.draw(batch), batch, seconds))
        return
    net = network(family, vocabulary)
    if mode == "train":
        net.train()
        optimiser = torch.optim.Adam(net.parameters(), lr=0.001)

        def step():
            optimiser.zero_grad()
            net.loss(net.window(batch)).backward()
            optimiser.step()

        print(rate(step, batch, seconds))
    else:
        net.eval()
        window = net.window(1)
        with torch.no_grad():
            print(rate(lambda: net(window), getattr(net, "OUT", 1), seconds))


main()
